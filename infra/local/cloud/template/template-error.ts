// What is said when a template holds something that the local cloud has no body for.

/** The template asks for something unknown or impossible; the message names the resource and the property. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}
