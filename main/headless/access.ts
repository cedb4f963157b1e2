import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const COOKIE = 'cobalt-desk';

export interface Access {
  /** Calls back with the token of each link that is valid now: at once, and again after one was used. */
  onLink(listener: (token: string) => void): void;
  /** Exchanges a link's token, once, for a session cookie (the Set-Cookie value); undefined when it is wrong or used. */
  redeem(token: string): string | undefined;
  /** True when a request's Cookie header carries a session of this run. */
  admits(cookieHeader: string | undefined): boolean;
}

/**
 * Sessions live in memory: stopping the desk signs everybody out. `fixedToken` (from the environment) is the first
 * link's; an empty one is none, for it would let everybody in.
 */
export function createAccess(fixedToken: string | undefined): Access {
  let token = fixedToken === undefined || fixedToken.trim() === '' ? newSecret() : fixedToken;
  const sessions = new Set<string>();
  let announce: (token: string) => void = () => {};
  return {
    onLink(listener) {
      announce = listener;
      listener(token);
    },
    redeem(candidate) {
      if (!equal(candidate, token)) return undefined;
      token = newSecret();
      const session = newSecret();
      sessions.add(session);
      announce(token);
      return `${COOKIE}=${session}; HttpOnly; SameSite=Strict; Path=/`;
    },
    admits(cookieHeader) {
      for (const part of (cookieHeader ?? '').split(';')) {
        const [name, value] = part.trim().split('=');
        if (name === COOKIE && value !== undefined && sessions.has(value)) return true;
      }
      return false;
    },
  };
}

function newSecret(): string {
  return randomBytes(24).toString('base64url');
}

function equal(a: string, b: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}
