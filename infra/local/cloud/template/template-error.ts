/** The error for a template that holds something unknown to the local cloud. */
/** The template asks for something unknown or impossible; the message names the resource and the property. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}
