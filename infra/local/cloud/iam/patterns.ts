/** How IAM's wildcards match: `*` is any characters, `?` is one (IAM user guide, "IAM JSON policy elements: Resource"). */

const compiled = new Map<string, RegExp>();

/** Whether the whole of `text` fits the pattern; case counts. */
export function fits(pattern: string, text: string): boolean {
  let expression = compiled.get(pattern);
  if (!expression) {
    const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
    expression = new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
    compiled.set(pattern, expression);
  }
  return expression.test(text);
}

/** Actions are compared without regard to case. */
export function actionFits(pattern: string, action: string): boolean {
  return fits(pattern.toLowerCase(), action.toLowerCase());
}

/** The six parts of an ARN are compared each for itself; those that a pattern leaves out at its end are any. */
export function arnFits(pattern: string, arn: string): boolean {
  if (pattern === '*') return true;
  const wanted = partsOf(pattern);
  return partsOf(arn).every((part, index) => fits(wanted[index] ?? '*', part));
}

/** `arn:partition:service:region:account:resource`, where the resource may hold further colons. */
function partsOf(arn: string): string[] {
  const parts = arn.split(':');
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}
