/**
 * JPEG, segment by segment and scan by scan to the end-of-image marker. Source: ITU-T T.81, annex B.
 *
 *   SOI  APPn…  DQT DHT  SOF(size)  SOS data data data  [DHT SOS data…]  EOI  whatever comes behind
 *                                       └ until 0xFF and neither 0x00 (a stuffed 0xFF) nor a restart marker
 */
import { type ByteReader, MalformedImage, type Reading } from './byte-reader.ts';

const TEM = 0x01;
const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
/** Between SOF0 and SOF15, and no start of a frame: DHT, JPG, DAC. */
const notFrames = new Set([0xc4, 0xc8, 0xcc]);

export function* readJpeg(reader: ByteReader): Reading<void> {
  yield* reader.skip(2);
  let hasScan = false;
  while (true) {
    const marker = yield* nextMarker(reader);
    if (marker === EOI) break;
    if (marker === TEM || marker === SOI) continue;
    yield* readSegment(reader, marker);
    if (marker === SOS) hasScan = true;
  }
  if (!hasScan) throw new MalformedImage('has no scan');
}

/** Length (2, itself included), then what the marker says. */
function* readSegment(reader: ByteReader, marker: number): Reading<void> {
  const length = (yield* reader.take(2)).readUInt16BE(0) - 2;
  if (length < 0) throw new MalformedImage(`has an impossible length of segment ${marker.toString(16)}`);
  if (!isFrame(marker)) return yield* reader.skip(length);
  if (length < 5) throw new MalformedImage('has too short a frame header');
  const frame = yield* reader.take(5);
  yield { width: frame.readUInt16BE(3), height: frame.readUInt16BE(1) };
  yield* reader.skip(length - 5);
}

const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && !notFrames.has(marker);

/** Passes a scan's data, and stray bytes as decoders do. */
function* nextMarker(reader: ByteReader): Reading<number> {
  let marker = 0;
  let afterFF = false;
  yield* reader.until((piece) => {
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at]!;
      if (afterFF && !isData(byte)) {
        marker = byte;
        return at + 1;
      }
      afterFF = byte === 0xff;
    }
    return undefined;
  });
  return marker;
}

/** Behind 0xFF: a stuffed byte, a restart marker, or one more fill byte. */
const isData = (byte: number): boolean => byte === 0 || byte === 0xff || (byte >= 0xd0 && byte <= 0xd7);
