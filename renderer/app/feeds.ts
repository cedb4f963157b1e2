import { useEffect } from 'react';
import { clearAccount, takeAccount } from '../stores/account.ts';
import { useAnnotations } from '../stores/annotations.ts';
import { useCheckpoints } from '../stores/checkpoints.ts';
import { useCob } from '../stores/cob.ts';
import { useForecasts } from '../stores/forecasts.ts';
import { clearHistory, useHistory } from '../stores/history.ts';
import { useLivePrice } from '../stores/live-price.ts';
import { clearOptions, useOptions } from '../stores/options.ts';
import { useOrders } from '../stores/orders.ts';
import { useSelection } from '../stores/selection.ts';
import { clearStorage, useStorage } from '../stores/storage.ts';
import { useSystem } from '../stores/system.ts';
import { useToasts } from '../stores/toasts.ts';
import { useTraining } from '../stores/training.ts';
import { useVenueRates } from '../stores/venue-rates.ts';
import { useDesk } from './desk-context.ts';
import { takeWatchlist } from './take-watchlist.ts';

/** Keeps the shared stores fed from the streams for as long as the workspace is shown. */
export function useFeeds(): void {
  const { client } = useDesk();
  const symbol = useSelection((state) => state.symbol);

  useEffect(() => {
    const toldNotices = new Set<string>();
    const ends = [
      client.subscribe('status', {}, (status) => {
        useSystem.setState({ status });
        useVenueRates.getState().take(status.venues);
        for (const notice of status.notices) {
          if (notice.level !== 'error' || toldNotices.has(notice.id)) continue;
          toldNotices.add(notice.id);
          useToasts.getState().show({ level: 'error', title: 'Problem', text: notice.text });
        }
      }),
      client.subscribe('watchlist', {}, takeWatchlist),
      client.subscribe('historyJobs', {}, ({ jobs }) => useHistory.setState({ downloads: jobs })),
      client.subscribe('imports', {}, ({ jobs }) => useHistory.setState({ imports: jobs })),
      client.subscribe('dataQuality', {}, (quality) => useHistory.setState({ quality })),
      client.subscribe('options', {}, (chain) => useOptions.setState({ chain })),
      client.subscribe('storageUse', {}, (use) => useStorage.setState({ use })),
      client.subscribe('recordingJob', {}, (job) => useStorage.setState({ job })),
      client.subscribe('training', {}, (event) => useTraining.getState().take(event)),
      client.subscribe('orders', {}, (event) => useOrders.getState().take(event)),
      client.subscribe('account', {}, takeAccount),
      client.subscribe('annotations', {}, (event) => useAnnotations.getState().take(event)),
    ];
    return () => {
      for (const end of ends) end();
      useSystem.setState({ status: undefined });
      useVenueRates.getState().clear();
      useTraining.getState().take({ kind: 'snapshot', status: { state: 'idle', step: 0, totalSteps: 0 }, metrics: [] });
      useOrders.setState({ orders: undefined, fills: [] });
      clearAccount();
      clearHistory();
      clearStorage();
      clearOptions();
      useAnnotations.getState().clear();
    };
  }, [client]);

  useEffect(() => {
    if (symbol === '') return;
    const ends = [
      client.subscribe('cob', { symbol }, (view) => useCob.getState().take(view)),
      client.subscribe('livePrice', { symbol }, (price) => useLivePrice.getState().take(price)),
      client.subscribe('checkpoints', { symbol }, ({ checkpoints }) =>
        useCheckpoints.setState({ checkpoints: checkpoints.toSorted((a, b) => b.createdAt - a.createdAt) }),
      ),
      client.subscribe('predictions', { symbol }, (event) => useForecasts.getState().take(event)),
    ];
    return () => {
      for (const end of ends) end();
      useCob.getState().clear();
      useLivePrice.getState().clear();
      useCheckpoints.setState({ checkpoints: undefined });
      useForecasts.getState().clear();
    };
  }, [client, symbol]);
}
