import { useCallback, useEffect, useState } from 'react';
import type { OptionListing, OptionUnderlying } from '../../../core/contracts/options.ts';
import { useDesk } from '../../app/desk-context.ts';

export interface ListingState {
  readonly listing: OptionListing | undefined;
  /** Why there is none. */
  readonly problem: string | undefined;
  reload(): void;
}

/** What the venue lists of an underlying, asked for whenever the underlying changes; `wanted` false asks nothing. */
export function useOptionListing(underlying: OptionUnderlying, wanted: boolean): ListingState {
  const { client } = useDesk();
  const [serial, setSerial] = useState(0);
  const [state, setState] = useState<Omit<ListingState, 'reload'>>({ listing: undefined, problem: undefined });
  useEffect(() => {
    if (!wanted) return;
    let current = true;
    setState({ listing: undefined, problem: undefined });
    void client.command('listOptions', { underlying }).then((answer) => {
      if (!current) return;
      setState(answer.ok ? { listing: answer.value, problem: undefined } : { listing: undefined, problem: answer.error.message });
    });
    return () => {
      current = false;
    };
  }, [client, underlying, wanted, serial]);
  return { ...state, reload: useCallback(() => setSerial((before) => before + 1), []) };
}
