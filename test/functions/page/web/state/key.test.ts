import { beforeEach, expect, test } from 'vitest';
import { forgetKey, keepKey, takeKey } from '../../../../../functions/page/web/state/key.ts';

class Memory {
  readonly #values = new Map<string, string>();
  getItem = (name: string) => this.#values.get(name) ?? null;
  setItem = (name: string, value: string) => void this.#values.set(name, value);
  removeItem = (name: string) => void this.#values.delete(name);
}

let storage: Storage;
let addresses: string[];
const replace = (address: string) => void addresses.push(address);

beforeEach(() => {
  storage = new Memory() as unknown as Storage;
  addresses = [];
});

test('a key in the fragment is kept in the tab and taken out of the address', () => {
  const key = takeKey({ pathname: '/', search: '', hash: '#key=whk_abc' }, replace, storage);
  expect(key).toBe('whk_abc');
  expect(addresses).toEqual(['/']);
  expect(takeKey({ pathname: '/', search: '', hash: '' }, replace, storage)).toBe('whk_abc');
});

test('what else stands in the address stays', () => {
  takeKey({ pathname: '/page', search: '?a=1', hash: '#key=k&task=t' }, replace, storage);
  expect(addresses).toEqual(['/page?a=1#task=t']);
});

test.each(['', '#', '#key=', '#key=%20', '#pictures'])('%j brings no key and changes nothing', (hash) => {
  expect(takeKey({ pathname: '/', search: '', hash }, replace, storage)).toBeUndefined();
  expect(addresses).toEqual([]);
});

test('what was filled in under one key is not sent under another', () => {
  const open = (key: string) => takeKey({ pathname: '/', search: '', hash: `#key=${key}` }, replace, storage);
  open('mine');
  storage.setItem('wanhook.draft', 'a draft');
  storage.setItem('wanhook.sending', 'a request');

  open('mine');
  expect(storage.getItem('wanhook.sending')).toBe('a request');
  open('theirs');
  expect([storage.getItem('wanhook.draft'), storage.getItem('wanhook.sending')]).toEqual([null, null]);
});

test('another key takes the place of the one before; forgotten is forgotten', () => {
  keepKey('old', storage);
  expect(takeKey({ pathname: '/', search: '', hash: '#key=new' }, replace, storage)).toBe('new');
  forgetKey(storage);
  expect(takeKey({ pathname: '/', search: '', hash: '' }, replace, storage)).toBeUndefined();
});
