/** The URL guard: which addresses we may talk to (promise 9), in every spelling that is known to lead around guards. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkUrl, type GuardRules, isReserved } from '../../../shared/security/url-guard.ts';
import { anyText } from '../../support/any-text.ts';

const strict = { allowHttp: false, allowedRanges: [] };
const INTERNAL = 'must not point to an internal address';

/** The URL, or the reason why it is refused. */
function check(text: string, rules: GuardRules): URL | string {
  const checked = checkUrl(text, rules);
  return checked.kind === 'allowed' ? checked.url : checked.reason;
}

describe('an internal address is refused', () => {
  test.each([
    ['loopback', '127.0.0.1'],
    ['the rest of loopback', '127.255.255.254'],
    ['loopback as one decimal number', '2130706433'],
    ['loopback in octal', '0177.0.0.1'],
    ['loopback in hex', '0x7f.0.0.1'],
    ['loopback as one hex number', '0x7f000001'],
    ['loopback as one octal number', '017700000001'],
    ['loopback in two parts', '127.1'],
    ['loopback in three parts', '127.0.1'],
    ['loopback in mixed forms', '0x7f.1'],
    ['loopback in circled digits', '①②⑦.⓪.⓪.①'],
    ['loopback in wide digits', '１２７.０.０.１'],
    ['loopback with ideographic full stops', '127。0。0。1'],
    ['loopback in percent signs', '%31%32%37.0.0.1'],
    ['loopback with a dot at its end', '127.0.0.1.'],
    ['this host', '0.0.0.0'],
    ['this host as a number', '0'],
    ['the metadata address', '169.254.169.254'],
    ['the metadata address as a number', '2852039166'],
    ['the metadata address in hex', '0xa9fea9fe'],
    ['the metadata address in octal', '0251.0376.0251.0376'],
    ['container credentials', '169.254.170.2'],
    ['private, class A', '10.255.0.1'],
    ['private, class B', '172.16.0.1'],
    ['private, the end of class B', '172.31.255.255'],
    ['private, class C', '192.168.1.1'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['the end of carrier-grade NAT', '100.127.255.255'],
    ['protocol assignments', '192.0.0.8'],
    ['documentation', '192.0.2.1'],
    ['more documentation', '203.0.113.7'],
    ['benchmarks', '198.18.0.1'],
    ['multicast', '224.0.0.1'],
    ['future use', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['loopback, IPv6', '[::1]'],
    ['loopback, IPv6 in full', '[0000:0000:0000:0000:0000:0000:0000:0001]'],
    ['no address, IPv6', '[::]'],
    ['an IPv4 address, mapped', '[::ffff:169.254.169.254]'],
    ['an IPv4 address, mapped, in hex', '[::ffff:a9fe:a9fe]'],
    ['an IPv4 address, translated', '[::ffff:0:a9fe:a9fe]'],
    ['an IPv4 address, compatible', '[::127.0.0.1]'],
    ['an IPv4 address, compatible, in hex', '[::a9fe:a9fe]'],
    ['NAT64', '[64:ff9b::a9fe:a9fe]'],
    ['local NAT64', '[64:ff9b:1::a9fe:a9fe]'],
    ['6to4', '[2002:a9fe:a9fe::1]'],
    ['Teredo', '[2001:0:a9fe:a9fe::]'],
    ['link-local, IPv6', '[fe80::1]'],
    ['site-local, IPv6', '[fec0::1]'],
    ['unique local', '[fc00::1]'],
    ['the metadata address, IPv6', '[fd00:ec2::254]'],
    ['multicast, IPv6', '[ff02::1]'],
    ['documentation, IPv6', '[2001:db8::1]'],
    ['discard', '[100::1]'],
    ['nothing that was ever assigned', '[4000::1]'],
    ['localhost', 'localhost'],
    ['localhost in capitals', 'LocalHost'],
    ['localhost with a dot', 'localhost.'],
    ['localhost with dots', 'localhost..'],
    ['a name below localhost', 'app.localhost'],
    ['a name below localhost with a dot', 'app.localhost.'],
    ['a short name', 'metadata'],
    ["the other cloud's metadata", 'metadata.google.internal'],
    ["the other cloud's metadata with a dot", 'metadata.google.internal.'],
    ["our cloud's names", 'ip-10-0-0-1.ec2.internal'],
    ['the local network', 'printer.local'],
    ['the home network', 'router.home.arpa'],
    ['an intranet', 'wiki.intranet'],
    ['nothing but dots', '.'],
  ])('%s: %s', (_, host) => {
    expect(check(`https://${host}/a.png`, strict)).toBe(INTERNAL);
  });

  test.each([
    ['on a port', 'https://127.0.0.1:443/'],
    ['on another port', 'https://[::1]:8443/'],
    ['before a backslash', 'https:\\\\127.0.0.1\\@example.com/'],
    ['with one slash', 'https:/127.0.0.1/'],
    ['without a slash', 'https:127.0.0.1'],
    ['with tabs and line breaks', 'https://127.0.\t0.\n1/'],
    ['with spaces around', '  https://127.0.0.1/  '],
    ['before a question mark', 'https://127.0.0.1?@example.com/'],
    ['before a number sign', 'https://127.0.0.1#@example.com/'],
  ])('%s', (_, url) => {
    expect(check(url, strict)).toBe(INTERNAL);
  });
});

describe('a public address is accepted', () => {
  test.each([
    'https://cdn.vtrix.ai/a.png',
    'https://media.evolink.ai:8443/a.png?x=1#y',
    'https://93.184.216.34/',
    'https://172.15.255.255/',
    'https://172.32.0.1/',
    'https://100.63.255.255/',
    'https://100.128.0.1/',
    'https://169.253.0.1/',
    'https://[2606:4700::6810:85e5]/',
    'https://例え.jp/絵.png',
    'https://example.com./',
    'https://localhost.example.com/',
    'https://mylocal/'.replace('mylocal', 'my.locals'),
  ])('%s', (url) => {
    expect(check(url, strict)).toBeInstanceOf(URL);
  });
});

describe('the form', () => {
  test.each([
    ['', 'is not a URL'],
    ['example.com/a.png', 'is not a URL'],
    ['https://', 'is not a URL'],
    ['https://exa mple.com/', 'is not a URL'],
    ['https://[::1/', 'is not a URL'],
    ['https://256.1.1.1/', 'is not a URL'],
    ['https://example.com:99999/', 'is not a URL'],
    ['http://example.com/', 'must use https'],
    ['ftp://example.com/', 'must use https'],
    ['file:///etc/passwd', 'must use https'],
    ['data:image/png;base64,AAAA', 'must use https'],
    ['javascript:alert(1)', 'must use https'],
    ['https://me@example.com/', 'must not hold a user name or password'],
    ['https://me:secret@example.com/', 'must not hold a user name or password'],
    ['https://:secret@example.com/', 'must not hold a user name or password'],
    ['https://example.com@127.0.0.1/', 'must not hold a user name or password'],
  ])('%s %s', (url, reason) => {
    expect(check(url, strict)).toBe(reason);
  });

  test('http is accepted where it is allowed, and nothing else then', () => {
    const rules = { ...strict, allowHttp: true };
    expect(check('http://example.com/', rules)).toBeInstanceOf(URL);
    expect(check('http://127.0.0.1/', rules)).toBe(INTERNAL);
    expect(check('ftp://example.com/', rules)).toBe('must use http or https');
  });
});

describe("an operator's ranges", () => {
  const rules = { ...strict, allowedRanges: ['10.1.0.0/16', 'fd00:1::/32'] };
  test.each(['10.1.0.1', '10.1.255.255', '0x0a010001', '[::ffff:10.1.2.3]', '[fd00:1::7]'])(
    'allow %s',
    (host) => {
      expect(check(`https://${host}/`, rules)).toBeInstanceOf(URL);
    },
  );

  test.each([
    '10.2.0.1',
    '10.0.255.255',
    '127.0.0.1',
    '169.254.169.254',
    '[fd00:2::7]',
    '[64:ff9b::a01:1]',
    'localhost',
  ])('do not allow %s', (host) => {
    expect(check(`https://${host}/`, rules)).toBe(INTERNAL);
  });

  test('allow localhost when they allow loopback, and no other internal name', () => {
    const loopback = { ...strict, allowedRanges: ['127.0.0.0/8'] };
    expect(check('https://localhost:8787/', loopback)).toBeInstanceOf(URL);
    expect(check('https://app.localhost/', loopback)).toBeInstanceOf(URL);
    expect(check('https://metadata/', loopback)).toBe(INTERNAL);
    expect(check('https://metadata.google.internal/', loopback)).toBe(INTERNAL);
  });

  test('of a private network let its names through to the look-up, which decides', () => {
    expect(check('https://minio.internal/', rules)).toBeInstanceOf(URL);
    expect(check('https://minio/', rules)).toBeInstanceOf(URL);
  });
});

describe('properties (a failure prints its seed)', () => {
  const reserved = ['0', '10', '127', '169.254', '172.16', '192.168', '100.64', '198.18', '224', '240'];
  const address = fc
    .tuple(fc.constantFrom(...reserved), fc.array(fc.nat(255), { minLength: 4, maxLength: 4 }))
    .map(([start, rest]) => [...start.split('.').map(Number), ...rest].slice(0, 4));
  const asNumber = (bytes: number[]) => bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const byte = (spell: (value: number) => string) => (bytes: number[]) => bytes.map(spell).join('.');
  const pairs = (bytes: number[]) => {
    const hex = Buffer.from(bytes).toString('hex');
    return `${hex.slice(0, 4)}:${hex.slice(4)}`;
  };
  const spellings: readonly ((bytes: number[]) => string)[] = [
    byte(String),
    byte((value) => `0x${value.toString(16)}`),
    byte((value) => `0${value.toString(8)}`),
    byte((value) => `0x000${value.toString(16)}`),
    (bytes) => String(asNumber(bytes)),
    (bytes) => `0x${asNumber(bytes).toString(16)}`,
    (bytes) => `0${asNumber(bytes).toString(8)}`,
    (bytes) => `${bytes[0]}.${asNumber(bytes.slice(1))}`,
    (bytes) => `${bytes[0]}.${bytes[1]}.${asNumber(bytes.slice(2))}`,
    (bytes) => `${bytes.join('.')}.`,
    (bytes) => `[::ffff:${bytes.join('.')}]`,
    (bytes) => `[::ffff:${pairs(bytes)}]`,
    (bytes) => `[::ffff:0:${pairs(bytes)}]`,
    (bytes) => `[::${bytes.join('.')}]`,
    (bytes) => `[64:ff9b::${pairs(bytes)}]`,
    (bytes) => `[2002:${pairs(bytes)}::]`,
  ];

  test('an address in a reserved range is refused in any spelling', () => {
    fc.assert(
      fc.property(address, fc.constantFrom(...spellings), fc.nat(65_535), (bytes, spell, port) => {
        expect(check(`https://${spell(bytes)}:${port}/x`, strict)).toBe(INTERNAL);
      }),
      { numRuns: 1000 },
    );
  });

  test('no IPv6 address outside of the assigned range is public, but for the mapped IPv4 ones', () => {
    const outside = fc.nat(0xffff).filter((first) => first >> 13 !== 1);
    const groups = fc.tuple(
      outside,
      fc.array(fc.integer({ min: 1, max: 0xffff }), { minLength: 7, maxLength: 7 }),
    );
    fc.assert(
      fc.property(groups, ([first, rest]) => {
        const address = [first, ...rest].map((group) => group.toString(16)).join(':');
        expect(isReserved(address, strict)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('no text makes it throw', () => {
    const text = fc.oneof(
      anyText(),
      fc.webUrl(),
      fc.string().map((host) => `https://${host}`),
    );
    const rules = fc.record({
      allowHttp: fc.boolean(),
      allowedRanges: fc.constantFrom([], ['10.0.0.0/8'], ['::/0']),
    });
    fc.assert(
      fc.property(text, rules, (url, given) => {
        expect(['object', 'string']).toContain(typeof check(url, given));
      }),
      { numRuns: 1000 },
    );
  });
});
