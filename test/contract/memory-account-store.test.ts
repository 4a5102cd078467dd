import { MemoryAccountStore } from '../support/memory-account-store.ts';
import { describeAccountStore } from './account-store.ts';

describeAccountStore('in memory', async () => {
  const store = new MemoryAccountStore();
  return { store, another: undefined, dispose: async () => await store.close() };
});
