import { describeManagement } from '../../contract/management.ts';
import { MemoryAccountStore } from '../../support/memory-account-store.ts';

describeManagement('in memory', async () => new MemoryAccountStore());
