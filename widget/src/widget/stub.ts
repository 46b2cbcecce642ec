import { type CommandQueue, createCommandQueue } from "./command-queue";

declare global {
  interface Window {
    SellerChat?: CommandQueue;
  }
}

window.SellerChat ??= createCommandQueue();
