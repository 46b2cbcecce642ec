import type { Surroundings } from "./introducing";

const LONGEST_ADDRESS = 500;

/** A browser's own account of where its user is. */
export const surroundings: Surroundings = {
  page: () => addressOf(location.href),
  device: () => ({
    ...(document.referrer && { referrer: addressOf(document.referrer) }),
    language: navigator.language,
    device: `${/\(([^)]+)/.exec(navigator.userAgent)?.[1]}, ${screen.width} × ${screen.height}`,
  }),
};

/** What follows a `#` may be a secret of the page's, and is never sent to a server. */
function addressOf(address: string): string {
  return address.replace(/#.*/, "").slice(0, LONGEST_ADDRESS);
}
