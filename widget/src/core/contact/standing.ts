import type { ContactStatus, Entry, UserInfo } from "../protocol";

/** Where a contact stands, as its log tells. */
export interface Standing {
  readonly status: ContactStatus;
  /** Who answers; undefined while queued. */
  readonly sellerId: string | undefined;
  readonly userInfo: UserInfo | undefined;
}

/** The standing after `entry`. */
export function follow(standing: Standing, entry: Entry): Standing {
  switch (entry.kind) {
    case "message":
      return standing;
    case "closed":
      return { ...standing, status: "closed" };
    case "opened":
      return { ...waiting(standing), userInfo: entry.user_info };
    case "identified":
      return { ...standing, userInfo: { ...standing.userInfo, ...entry.user_info } };
    case "queued":
      return waiting(standing);
    case "assigned":
    case "transferred":
      return { ...standing, status: "open", sellerId: entry.seller_id };
    case "reopened":
      return standing.sellerId === undefined ? waiting(standing) : { ...standing, status: "open" };
  }
  // A kind of a later version says nothing that this one could show.
  return standing;
}

function waiting(standing: Standing): Standing {
  return { ...standing, status: "queued", sellerId: undefined };
}
