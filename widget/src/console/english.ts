import { asSpokenHere, ENGLISH, type Language } from "../strings";

/** The console speaks English, with the clock and the dates of the seller's country where the browser names one. */
export const CONSOLE_LANGUAGE: Language = { ...ENGLISH, tag: asSpokenHere("en", navigator.languages) };
