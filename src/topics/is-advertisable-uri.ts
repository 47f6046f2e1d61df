/** BRC-101: what stands in front of a host that speaks the overlay protocol over HTTPS, with or without authentication, payment and real-time parts. */
const HTTPS_SCHEMES = [
  'https://',
  'https+bsvauth://',
  'https+bsvauth+smf://',
  'https+bsvauth+scrypt-offchain://',
  'https+rtt://',
];
const RADIO = /^js8c\+bsvauth\+smf:[^?]*\?(.+)$/;
/** One URI has one spelling: a URL parser drops line breaks and blanks, and would let them into an answer. */
const PRINTABLE = /^[\x21-\x7e]{1,512}$/;

/** Whether a SHIP or SLAP token may name this place (BRC-101): of a known scheme, a host that others can reach, and no path. */
export function isAdvertisableUri(uri: string): boolean {
  if (!PRINTABLE.test(uri)) return false;
  const scheme = HTTPS_SCHEMES.find((one) => uri.startsWith(one));
  if (scheme !== undefined) return isHost(`https://${uri.slice(scheme.length)}`, true);
  if (uri.startsWith('wss://')) return isHost(uri, false);
  const [, query] = RADIO.exec(uri) ?? [];
  return query !== undefined && isRadio(new URLSearchParams(query));
}

function isHost(text: string, isBare: boolean): boolean {
  if (!URL.canParse(text)) return false;
  const { hostname, pathname, username } = new URL(text);
  return hostname !== '' && hostname !== 'localhost' && username === '' && (!isBare || pathname === '/');
}

/** JS8 Call: a place on the globe, a frequency and a radius. */
function isRadio(parameters: URLSearchParams): boolean {
  const within = (name: string, most: number): boolean => {
    const text = parameters.get(name) ?? '';
    return text !== '' && Math.abs(Number.parseFloat(text)) <= most;
  };
  const isPositive = (name: string): boolean => Number(/\d+(?:\.\d+)?/.exec(parameters.get(name) ?? '')?.[0]) > 0;
  return within('lat', 90) && within('long', 180) && isPositive('freq') && isPositive('radius');
}
