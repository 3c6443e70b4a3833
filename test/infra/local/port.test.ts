import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { expectFree, readPort } from '../../../infra/local/port.ts';

test.each([
  [undefined, 8787],
  ['', 8787],
  ['1', 1],
  ['65535', 65_535],
])('%s is the port %i', (text, port) => {
  expect(readPort(text, 8787)).toBe(port);
});

test.each(['0', '65536', 'abc', '80.5', '-1'])('%s is refused with what is allowed', (text) => {
  expect(() => readPort(text, 8787)).toThrow(`PORT must be an integer from 1 to 65535, not ${text}`);
});

test('a port where something listens is refused, and accepted when it is free again', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;

  await expect(expectFree(port)).rejects.toThrow(`Port ${port} cannot be had`);
  other.close();
  await once(other, 'close');

  await expect(expectFree(port)).resolves.toBeUndefined();
});
