import { useNow } from "../now";
import { type Session, sessionOf } from "./session";
import { TokenForm } from "./token-form";

const WARNED_BEFORE_MS = 5 * 60_000;

interface Props {
  readonly session: Session;
  readonly hasEnded: boolean;
  readonly renew: (session: Session) => void;
  readonly signOut: () => void;
}

/**
 * Asks for a new token when the session is about to end, or has ended, below the desk: nothing on it is lost or covered, and
 * the keyboard stays with who writes.
 */
export function Renewal({ session, hasEnded, renew, signOut }: Props) {
  const now = useNow();
  const left = (session.endsAt ?? Number.POSITIVE_INFINITY) - now;
  // A session that goes on past its end shows that this computer's clock is wrong.
  if (!hasEnded && (left > WARNED_BEFORE_MS || left <= 0)) return null;

  const take = (token: string): string | undefined => {
    const next = sessionOf(token);
    if (!next) return "This is no valid token. Paste a new one, whole.";
    if (next.sellerId !== session.sellerId) return `This token is for ${next.sellerId}. Sign out to change the seller.`;
    if (next.token === session.token) return "This is the token that you have. Paste a new one.";
    renew(next);
    return undefined;
  };

  return (
    <section class={hasEnded ? "renewal ended" : "renewal"} aria-label="Your session">
      <details open={hasEnded}>
        <summary>
          <h2 role="status">{hasEnded ? "Your session has ended" : `Your session ends in ${minutes(left)}`}</h2>
          <span class="link">Paste a new token</span>
        </summary>
        <TokenForm label="Go on" problem={undefined} isAlone={false} take={take}>
          <p>You go on where you are. Nothing that you have written is lost.</p>
        </TokenForm>
        {hasEnded && (
          <button type="button" class="link" onClick={signOut}>
            Sign out
          </button>
        )}
      </details>
    </section>
  );
}

function minutes(milliseconds: number): string {
  const count = Math.max(1, Math.round(milliseconds / 60_000));
  return count === 1 ? "a minute" : `${count} minutes`;
}
