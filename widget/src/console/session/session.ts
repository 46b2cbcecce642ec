import { payloadOf } from "../../browser/tokens";
import type { CredentialsReason, SellerCredentials } from "../../core";

/** Where the system is; `config.json` beside the page says so. */
export interface Addresses {
  /** wss://HOST/STAGE */
  readonly webSocketUrl: string;
  /** https://HOST/STAGE */
  readonly restUrl?: string;
}

export interface Session {
  readonly sellerId: string;
  readonly token: string;
}

const TOKEN_KEY = "seller-console:token";

/** This tab's session. The token outlives a reload but not the tab. */
export function storedSession(): Session | undefined {
  const token = sessionStorage.getItem(TOKEN_KEY);
  return token === null ? undefined : sessionOf(token);
}

export function storeSession(session: Session): void {
  sessionStorage.setItem(TOKEN_KEY, session.token);
}

export function forgetSession(): void {
  sessionStorage.removeItem(TOKEN_KEY);
}

/** Whom a JWT (RFC 7519) names; undefined if it is none, or past its time. The server alone checks its signature. */
export function sessionOf(token: string, now = Date.now()): Session | undefined {
  try {
    const bytes = Uint8Array.from(payloadOf(token), (each) => each.charCodeAt(0));
    const { sub, exp } = JSON.parse(new TextDecoder().decode(bytes)) as { sub?: unknown; exp?: unknown };
    const isCurrent = typeof exp !== "number" || exp * 1000 > now;
    return typeof sub === "string" && sub && isCurrent ? { sellerId: sub, token: token.trim() } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Gives the desk a ticket for each connection, so that the token stays out of addresses. Without a REST API the token goes
 * along as subprotocol.
 */
export function credentialsFrom({ token }: Session, { restUrl }: Addresses) {
  return async (reason: CredentialsReason): Promise<SellerCredentials | undefined> => {
    if (reason === "expired") return undefined;
    if (restUrl === undefined) return { token };
    const response = await fetch(`${restUrl}/tickets`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}` },
    });
    if (response.status === 401 || response.status === 403) return undefined;
    if (!response.ok) throw new Error(`POST /tickets answered ${response.status}`);
    const { ticket } = (await response.json()) as { ticket: string };
    return { ticket };
  };
}
