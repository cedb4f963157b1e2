import { describe, expect, it } from 'vitest';
import { matchesShortcut } from './shortcut.ts';

const press = (
  key: string,
  code: string,
  modifiers: { ctrlKey?: boolean; metaKey?: boolean; shiftKey?: boolean; altKey?: boolean } = {},
) => ({
  key,
  code,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...modifiers,
});

describe('matchesShortcut', () => {
  it('asks for exactly the named modifiers', () => {
    expect(matchesShortcut('Ctrl+K', press('k', 'KeyK', { ctrlKey: true }))).toBe(true);
    expect(matchesShortcut('Ctrl+K', press('k', 'KeyK', { metaKey: true }))).toBe(true);
    expect(matchesShortcut('Ctrl+K', press('k', 'KeyK'))).toBe(false);
    expect(matchesShortcut('Ctrl+K', press('K', 'KeyK', { ctrlKey: true, shiftKey: true }))).toBe(false);
    expect(matchesShortcut('Ctrl+Shift+K', press('K', 'KeyK', { ctrlKey: true, shiftKey: true }))).toBe(true);
    expect(matchesShortcut('Shift+B', press('B', 'KeyB', { shiftKey: true }))).toBe(true);
    expect(matchesShortcut('Shift+B', press('B', 'KeyB', { shiftKey: true, altKey: true }))).toBe(false);
    expect(matchesShortcut('Shift+B', press('b', 'KeyB'))).toBe(false);
  });

  it('finds digits by place, whatever they print', () => {
    expect(matchesShortcut('Alt+1', press('&', 'Digit1', { altKey: true }))).toBe(true);
    expect(matchesShortcut('Alt+1', press('2', 'Digit2', { altKey: true }))).toBe(false);
  });

  it('takes symbols as printed, however they are typed', () => {
    expect(matchesShortcut('?', press('?', 'Slash', { shiftKey: true }))).toBe(true);
    expect(matchesShortcut('?', press('?', 'Minus', { shiftKey: true }))).toBe(true);
    expect(matchesShortcut('?', press('/', 'Slash'))).toBe(false);
  });
});
