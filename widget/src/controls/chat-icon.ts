/** Apart from the other icons: the bubble is there before anything that draws them. */
export const CHAT = "M12 3c5 0 9 3.5 9 8s-4 8-9 8c-1 0-2-.1-2.9-.4L4 20.5l1.4-3.9C3.9 15.1 3 13.1 3 11c0-4.5 4-8 9-8Z";
