import { describe, expect, it } from 'vitest';
import { PickedFolders } from './picked-folders.ts';

function countingIds() {
  let count = 0;
  return { next: (prefix: string) => `${prefix}-${++count}` };
}

describe('the chosen folders', () => {
  it('are known by their tokens only', async () => {
    const folders = new PickedFolders({ pickFolder: async (purpose) => `/disk/${purpose}`, ids: countingIds() });
    const picked = await folders.pick('archive');
    expect(picked).toEqual({ ok: true, value: { folder: { token: 'folder-1', path: '/disk/archive' } } });
    expect(folders.path('folder-1')).toEqual({ ok: true, value: '/disk/archive' });
    expect(folders.path('/disk/archive')).toMatchObject({ ok: false, error: { code: 'UNKNOWN_FOLDER' } });
  });

  it('are none when the user chose none, or the host has no dialog or cannot show it', async () => {
    const none = new PickedFolders({ pickFolder: async () => undefined, ids: countingIds() });
    expect(await none.pick('restore')).toEqual({ ok: true, value: {} });
    const headless = new PickedFolders({ pickFolder: undefined, ids: countingIds() });
    expect(await headless.pick('archive')).toMatchObject({ ok: false, error: { code: 'NO_DIALOG', retryable: false } });
    const broken = new PickedFolders({ pickFolder: () => Promise.reject(new Error('no display')), ids: countingIds() });
    expect(await broken.pick('archive')).toMatchObject({ ok: false, error: { code: 'NO_DIALOG', retryable: true } });
  });

  it('are forgotten when many newer ones were chosen', async () => {
    let asked = 0;
    const folders = new PickedFolders({ pickFolder: async () => `/disk/${++asked}`, ids: countingIds() });
    for (let i = 0; i < 9; i++) await folders.pick('archive');
    expect(folders.path('folder-1').ok).toBe(false);
    expect(folders.path('folder-2')).toEqual({ ok: true, value: '/disk/2' });
    expect(folders.path('folder-9')).toEqual({ ok: true, value: '/disk/9' });
  });
});
