import { type Session, sessionOf } from "./session";
import { TokenForm } from "./token-form";

interface Props {
  readonly shopName: string;
  readonly reason: string | undefined;
  readonly signIn: (session: Session) => void;
}

export function SignIn({ shopName, reason, signIn }: Props) {
  return (
    <main class="sign-in">
      <TokenForm label="Sign in" problem={reason} isAlone take={(token) => take(token, signIn)}>
        <h1>{shopName}</h1>
        <p>Sign in with the token that your shop gave you. It stays in this tab only.</p>
      </TokenForm>
    </main>
  );
}

function take(token: string, signIn: Props["signIn"]): string | undefined {
  const session = sessionOf(token);
  if (!session) return "This is no valid token. Paste a new one, whole.";
  signIn(session);
  return undefined;
}
