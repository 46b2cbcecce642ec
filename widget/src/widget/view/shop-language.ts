/** The shop's own words are in its page's language; the widget's are in the widget's. */
export function languageOf(own: string | undefined): string | undefined {
  return own === undefined ? undefined : document.documentElement.lang || undefined;
}
