/** Texts of any code points, for fuzzing. fast-check's own `unit: 'binary'` takes two seconds to set up. */
import fc from 'fast-check';

const isSurrogate = (point: number) => point >= 0xd800 && point <= 0xdfff;
const character = fc
  .oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0x10ffff }))
  .map((point) => (isSurrogate(point) ? '狐' : String.fromCodePoint(point)));

export const anyText = (limits: { minLength?: number; maxLength?: number } = {}) =>
  fc.string({ unit: character, ...limits });
