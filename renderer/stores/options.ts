import { create } from 'zustand';
import type { OptionChain } from '../../core/contracts/options.ts';

/** The newest quotes of the followed options; undefined until the desk has told. */
export const useOptions = create<{ readonly chain: OptionChain | undefined }>(() => ({ chain: undefined }));

export function clearOptions(): void {
  useOptions.setState({ chain: undefined });
}
