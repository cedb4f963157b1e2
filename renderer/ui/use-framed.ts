import { useEffect, useState } from 'react';
import type { StoreApi } from 'zustand';

/** A store's value, read at most once a frame: for stores that change faster than the screen. Both arguments must be constants. */
export function useFramed<S, T>(store: Pick<StoreApi<S>, 'getState' | 'subscribe'>, select: (state: S) => T): T {
  const [value, setValue] = useState(() => select(store.getState()));
  useEffect(() => {
    let frame = 0;
    const read = (): void => {
      frame = 0;
      setValue(select(store.getState()));
    };
    read();
    const end = store.subscribe(() => {
      if (frame === 0) frame = requestAnimationFrame(read);
    });
    return () => {
      end();
      cancelAnimationFrame(frame);
    };
  }, [store, select]);
  return value;
}
