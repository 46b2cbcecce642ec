import { useMemo, useState } from "preact/hooks";
import { createBrowserPorts } from "../browser";
import { createSellerDesk } from "../core";
import { createDrafts, type Drafts } from "./conversation/drafts";
import { Desk } from "./desk";
import {
  type Addresses,
  credentialsFrom,
  forgetSession,
  PRODUCT,
  type Session,
  storedSession,
  storeSession,
} from "./session/session";
import { SignIn } from "./session/sign-in";

interface Began {
  readonly session: Session;
  /** By a person, and not by a reload. */
  readonly isFresh: boolean;
}

export function App({ addresses }: { readonly addresses: Addresses }) {
  const [began, begin] = useState<Began | undefined>(resumed);
  const [reason, setReason] = useState<string>();
  const drafts = useMemo(() => createDrafts(), []);

  const signIn = (session: Session) => {
    storeSession(session);
    setReason(undefined);
    begin({ session, isFresh: true });
  };
  const signOut = (why?: string) => {
    forgetSession();
    drafts.forget();
    setReason(why);
    begin(undefined);
  };

  const shopName = addresses.shopName ?? PRODUCT;
  if (!began) return <SignIn shopName={shopName} reason={reason} signIn={signIn} />;
  return (
    <SignedIn
      key={began.session.token}
      {...began}
      shopName={shopName}
      addresses={addresses}
      drafts={drafts}
      signOut={signOut}
    />
  );
}

function resumed(): Began | undefined {
  const session = storedSession();
  return session && { session, isFresh: false };
}

interface SignedInProps extends Began {
  readonly shopName: string;
  readonly addresses: Addresses;
  readonly drafts: Drafts;
  readonly signOut: (reason?: string) => void;
}

function SignedIn({ shopName, session: first, isFresh, addresses, drafts, signOut }: SignedInProps) {
  const [session, setSession] = useState(first);
  const newest = useMemo(() => ({ session: first }), [first]);
  const desk = useMemo(
    () =>
      createSellerDesk(
        {
          sellerId: first.sellerId,
          socketUrl: addresses.webSocketUrl,
          credentials: credentialsFrom(() => newest.session, addresses),
        },
        createBrowserPorts(),
      ),
    [newest, addresses],
  );
  const renew = (next: Session) => {
    storeSession(next);
    newest.session = next;
    setSession(next);
  };
  return (
    <Desk
      shopName={shopName}
      desk={desk}
      session={session}
      isFresh={isFresh}
      drafts={drafts}
      renew={renew}
      signOut={signOut}
    />
  );
}
