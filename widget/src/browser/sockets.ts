import type { Sockets } from "../core";

export const browserSockets: Sockets = {
  open: (url, protocols, listener) => {
    let socket: WebSocket;
    try {
      socket = new WebSocket(url, [...protocols]);
    } catch {
      // A policy of the page or a malformed address: the same to us as a server that cannot be reached.
      setTimeout(listener.closed);
      return { send() {}, close() {} };
    }
    socket.onopen = () => listener.opened();
    socket.onmessage = ({ data }) => listener.received(String(data));
    socket.onclose = () => listener.closed();
    // What is sent once it is closing is dropped by the browser, too.
    return socket;
  },
};
