import type { Http } from "../core";

const TIMEOUT_MS = 10_000;

export const browserHttp: Http = {
  request: async ({ url, ...init }) => {
    const response = await fetch(url, { ...init, cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
    return { status: response.status, body: await response.text() };
  },
};
