/**
 * The attribute that makes the stream tell of a record again (docs/decisions/dead-letters.md).
 * Apart from the command, so that the stack can name it without loading the command's clients.
 */
export const REPUBLISH = 'republish';
