import { useMemo, useState } from "preact/hooks";
import { createBrowserPorts } from "../browser";
import { createSellerDesk } from "../core";
import { Desk } from "./desk";
import {
  type Addresses,
  credentialsFrom,
  forgetSession,
  type Session,
  storedSession,
  storeSession,
} from "./session/session";
import { SignIn } from "./session/sign-in";

export function App({ addresses }: { readonly addresses: Addresses }) {
  const [session, setSession] = useState(storedSession);
  const [reason, setReason] = useState<string>();

  const signIn = (next: Session) => {
    storeSession(next);
    setReason(undefined);
    setSession(next);
  };
  const signOut = (why?: string) => {
    forgetSession();
    setReason(why);
    setSession(undefined);
  };

  if (!session) return <SignIn reason={reason} signIn={signIn} />;
  return <SignedIn key={session.token} session={session} addresses={addresses} signOut={signOut} />;
}

interface SignedInProps {
  readonly session: Session;
  readonly addresses: Addresses;
  readonly signOut: (reason?: string) => void;
}

function SignedIn({ session, addresses, signOut }: SignedInProps) {
  const desk = useMemo(
    () =>
      createSellerDesk(
        {
          sellerId: session.sellerId,
          socketUrl: addresses.webSocketUrl,
          credentials: credentialsFrom(session, addresses),
        },
        createBrowserPorts(),
      ),
    [session, addresses],
  );
  return <Desk desk={desk} sellerId={session.sellerId} signOut={signOut} />;
}
