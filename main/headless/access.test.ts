import { describe, expect, it } from 'vitest';
import { createAccess } from './access.ts';

function setUp(fixedToken?: string) {
  const access = createAccess(fixedToken);
  const links: string[] = [];
  access.onLink((token) => links.push(token));
  const newest = (): string => links.at(-1) as string;
  return { access, links, newest };
}

const cookieOf = (setCookie: string): string => setCookie.split(';')[0] as string;

describe('createAccess', () => {
  it('lets a link in once, and announces the next one', () => {
    const { access, links, newest } = setUp();
    const first = newest();
    const cookie = access.redeem(first);
    expect(cookie).toMatch(/^cobalt-desk=[\w-]{32}; HttpOnly; SameSite=Strict; Path=\/$/);
    expect(access.redeem(first)).toBeUndefined();
    expect(links).toHaveLength(2);
    expect(access.redeem(newest())).toBeDefined();
    expect(links).toHaveLength(3);
    expect(new Set(links).size).toBe(3);
  });

  it('refuses a wrong token of any length, and does not change the link for it', () => {
    const { access, links, newest } = setUp();
    for (const wrong of [
      '',
      'x',
      `${newest()}x`,
      newest().slice(1),
      newest().toUpperCase(),
      'ü'.repeat(40),
      'x'.repeat(100_000),
    ]) {
      expect(access.redeem(wrong)).toBeUndefined();
    }
    expect(links).toHaveLength(1);
    expect(access.redeem(newest())).toBeDefined();
  });

  it('takes the fixed token for the first link only', () => {
    const { access, newest } = setUp('from-the-environment');
    expect(newest()).toBe('from-the-environment');
    expect(access.redeem('from-the-environment')).toBeDefined();
    expect(access.redeem('from-the-environment')).toBeUndefined();
    expect(newest()).not.toBe('from-the-environment');
  });

  it('takes an empty fixed token for none', () => {
    for (const empty of ['', '  ']) {
      const { access, newest } = setUp(empty);
      expect(access.redeem(empty)).toBeUndefined();
      expect(newest().length).toBeGreaterThan(20);
    }
  });

  it('admits the sessions that it gave, among other cookies, and no others', () => {
    const { access, newest } = setUp();
    const mine = cookieOf(access.redeem(newest()) as string);
    const other = cookieOf(access.redeem(newest()) as string);
    expect(mine).not.toBe(other);
    for (const header of [mine, other, `a=b; ${mine}`, `${mine};theme=dark`, `cobalt-desk=stale; ${mine}`]) {
      expect(access.admits(header), header).toBe(true);
    }
    const value = mine.split('=')[1] as string;
    for (const header of [
      undefined,
      '',
      ';;',
      'cobalt-desk',
      'cobalt-desk=',
      `other=${value}`,
      `cobalt-desk=${value}x`,
      value,
      `Cobalt-Desk=${value}`,
    ]) {
      expect(access.admits(header), header).toBe(false);
    }
    expect(setUp().access.admits(mine)).toBe(false);
  });
});
