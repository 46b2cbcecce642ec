import { type CommandQueue, createCommandQueue } from "./command-queue";

declare global {
  interface Window {
    SellerChat?: CommandQueue;
  }
}

// An element of the page may have this name; it is no queue.
if (typeof window.SellerChat !== "function") window.SellerChat = createCommandQueue();
