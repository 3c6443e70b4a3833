/**
 * The attribute that makes `publish` put a record's event again (docs/decisions/dead-letters.md).
 * Apart from the command, so that the stack can name it without loading the command's clients.
 */
export const REPUBLISH = 'republish';
