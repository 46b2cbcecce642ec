import { payloadOf } from "../../browser/tokens";
import type { CredentialsReason, SellerCredentials } from "../../core";

/** Where the system is, and what the shop has set for all its sellers; `config.json` beside the page says so. */
export interface Addresses {
  /** wss://HOST/STAGE */
  readonly webSocketUrl: string;
  /** https://HOST/STAGE */
  readonly restUrl?: string;
  /** What the console calls the shop. */
  readonly shopName?: string;
}

/** What the title of the page says, and the bar where a shop has not said what it is called. */
export const PRODUCT = "Seller Chat";

export interface Session {
  readonly sellerId: string;
  readonly token: string;
  /** When the token says that it ends, in milliseconds since the epoch; the server alone knows when that is. */
  readonly endsAt?: number;
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

/** Whom a JWT (RFC 7519) names; undefined if it is none. The server alone checks its signature, and by its own clock whether it is still good. */
export function sessionOf(token: string): Session | undefined {
  try {
    const bytes = Uint8Array.from(payloadOf(token), (each) => each.charCodeAt(0));
    const { sub, exp } = JSON.parse(new TextDecoder().decode(bytes)) as { sub?: unknown; exp?: unknown };
    if (typeof sub !== "string" || !sub) return undefined;
    return { sellerId: sub, token: token.trim(), ...(typeof exp === "number" && { endsAt: exp * 1000 }) };
  } catch {
    return undefined;
  }
}

/**
 * Gives the desk a ticket for each connection, so that the token stays out of addresses. Without a REST API the token goes
 * along as subprotocol, and also where that gives no ticket just now. `session` is asked each time: it may have been renewed.
 */
export function credentialsFrom(session: () => Session, { restUrl }: Addresses) {
  let spent = session().token;
  return async (reason: CredentialsReason): Promise<SellerCredentials | undefined> => {
    const { token } = session();
    if (reason === "expired" && token === spent) return undefined;
    spent = token;
    if (restUrl === undefined) return { token };
    const response = await fetch(`${restUrl}/tickets`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}` },
    });
    if (response.status === 401 || response.status === 403) return undefined;
    // Somebody may flood that door, which is open to all.
    if (!response.ok) return { token };
    const { ticket } = (await response.json()) as { ticket: string };
    return { ticket };
  };
}
