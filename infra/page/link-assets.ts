/** Puts the addresses of its files into a document. */

/** Every address that an element of the document names. */
const REFERENCE = /\b(href|src)="([^"]*)"/g;

/**
 * @param addresses by the name that the template uses
 * @throws Error when the template names a file that is not there, or does not name one that is
 */
export function linkAssets(template: string, addresses: ReadonlyMap<string, string>): string {
  const named = new Set<string>();
  const document = template.replace(REFERENCE, (_, attribute: string, name: string) => {
    const address = addresses.get(name);
    if (address === undefined) throw new Error(`index.html names ${name}, which the build does not have`);
    named.add(name);
    return `${attribute}="${address}"`;
  });
  const missing = [...addresses.keys()].filter((name) => !named.has(name));
  if (missing.length > 0) throw new Error(`index.html does not name ${missing.join(', ')}`);
  return document;
}
