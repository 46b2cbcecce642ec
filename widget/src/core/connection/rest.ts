import type { Http, HttpRequest } from "../ports";
import type { ClientFrame, ErrorFrame, ServerFrame, UserInfo } from "../protocol";

/** The REST calls of docs/protocol.md, spoken as frames. For visitors; sellers have no REST. */
export interface Rest {
  /** The answer to a frame, rejected when there was none; undefined for a frame that REST has no call for. */
  send(frame: ClientFrame): Promise<ServerFrame> | undefined;
}

export interface RestOptions {
  readonly url: string;
  readonly sellerId: string;
  readonly widgetId: string | undefined;
  /** What proves who the visitor is. */
  readonly bearer: () => Promise<string>;
  readonly userInfo: () => UserInfo | undefined;
}

export function createRest(http: Http, now: () => number, options: RestOptions): Rest {
  const { url, sellerId, widgetId } = options;

  function call(frame: ClientFrame): Omit<HttpRequest, "headers"> | undefined {
    switch (frame.action) {
      case "InitChat":
        return post("/chats", { sellerId, userInfo: frame.userInfo });
      case "sendMessage": {
        const { action, ...fields } = frame;
        const timestamp = new Date(now()).toISOString();
        return post("/sendmessage", { sellerId, widgetId, userInfo: options.userInfo(), timestamp, ...fields });
      }
      case "sync":
        return { method: "GET", url: `${url + pathOf(frame)}/entries?after=${frame.after}` };
      case "receipt":
        return post(`${pathOf(frame)}/receipts`, frame);
      case "identify":
        return post(`${pathOf(frame)}/identify`, frame);
      case "closeChat":
        return post(`${pathOf(frame)}/close`, frame);
    }
    return undefined;
  }

  function post(path: string, body: object): Omit<HttpRequest, "headers"> {
    return { method: "POST", url: url + path, body: JSON.stringify(body) };
  }

  async function answerTo(frame: ClientFrame, request: Omit<HttpRequest, "headers">): Promise<ServerFrame> {
    const headers = { Authorization: `Bearer ${await options.bearer()}`, "Content-Type": "application/json" };
    const { status, body } = await http.request({ ...request, headers });
    const answer = JSON.parse(body);
    return status < 400 ? answer : refused(frame, status, answer);
  }

  return {
    send: (frame) => {
      const request = call(frame);
      return request && answerTo(frame, request);
    },
  };
}

function pathOf({ contact_id }: { readonly contact_id: string }): string {
  return `/chats/${encodeURIComponent(contact_id)}`;
}

function refused(frame: ClientFrame, status: number, answer: Partial<ErrorFrame>): ErrorFrame {
  // What stands in between (a gateway, a proxy) says nothing about the frame, and another token may be let in.
  const isAboutFrame = answer.action && status !== 401;
  return {
    code: "try_again",
    reason: `HTTP ${status}`,
    ...(isAboutFrame && answer),
    ...("id" in frame && { id: frame.id }),
    ...("contact_id" in frame && { contact_id: frame.contact_id }),
    of: frame.action,
    action: "error",
  };
}
