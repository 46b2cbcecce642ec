/** Browsers differ in the digits of Arabic without a country: everybody in a conversation is to see the same. */
export function inDigits(tag: string): string {
  return tag === "ar" ? "ar-u-nu-latn" : tag;
}
