import type { AccountStore, ChangeNotice, JsonObject, ModelRecord } from '../accounts/contract.ts';
import { SealError, type Sealer } from '../accounts/seal.ts';
import type { GatewayConfig } from '../config/contract.ts';
import type { Environment } from '../config/environment.ts';
import { readStoredDeployments, withStoredDeployments, type StoredDeployment } from '../config/stored-deployments.ts';
import type { Problem } from '../core/base/problem.ts';
import type { Snapshot, SnapshotHolder } from './snapshot.ts';

export interface SnapshotSourceParts {
  readonly config: GatewayConfig;
  readonly holder: SnapshotHolder;
  readonly prepare: (config: GatewayConfig) => { readonly snapshot?: Snapshot; readonly problems: readonly Problem[] };
  readonly store: AccountStore | undefined;
  /** Undefined: no salt key is set, and stored credentials cannot be opened. */
  readonly sealer: Sealer | undefined;
  readonly env: Environment;
  /** Stored deployments that could not be read again; the snapshot stays as it is. */
  readonly onFailure: (message: string, internal: string) => void;
}

/** Makes the snapshot in force from the config and the deployments of the database, again whenever one of them changes. */
export class SnapshotSource {
  readonly #parts: SnapshotSourceParts;
  #config: GatewayConfig;
  #stored: readonly StoredDeployment[] = [];
  #refreshing: Promise<void> = Promise.resolve();
  #stop: (() => void) | undefined;

  constructor(parts: SnapshotSourceParts) {
    this.#parts = parts;
    this.#config = parts.config;
  }

  /** Ids of the deployments that stand in the config's files: they are changed there. */
  isInFiles(id: string): boolean {
    return this.#config.deployments.some((one) => one.id === id);
  }

  /** Follows the database from now on; what it has already takes a `refresh`. */
  follow(): void {
    this.#stop ??= this.#parts.store?.watch((notices) => this.#onChange(notices));
  }

  close(): void {
    this.#stop?.();
  }

  /** With an error among the problems everything stays as it is. */
  reload(config: GatewayConfig): readonly Problem[] {
    const { snapshot, problems } = this.#build(config, this.#stored);
    if (snapshot === undefined) return problems;
    this.#config = config;
    this.#parts.holder.swap(snapshot);
    return problems;
  }

  /** What would be found with this deployment in the database. Changes nothing. */
  check(model: StoredDeployment): readonly Problem[] {
    const others = this.#stored.filter(({ id }) => id !== model.id);
    const own = readStoredDeployments([model], this.#variables()).problems;
    const { snapshot, problems } = this.#build(this.#config, [...others, model]);
    return snapshot === undefined ? [...own, ...problems.filter(({ severity }) => severity === 'error')] : own;
  }

  /** Serves what the database has now, one reading after the other. Never rejects. */
  async refresh(): Promise<void> {
    this.#refreshing = this.#refreshing.then(async () => await this.#readAgain());
    await this.#refreshing;
  }

  #onChange(notices: readonly ChangeNotice[]): void {
    if (notices.some((notice) => notice === 'models' || notice === 'all')) void this.refresh();
  }

  async #readAgain(): Promise<void> {
    const { store, holder, onFailure } = this.#parts;
    if (store === undefined) return;
    try {
      const records = await store.listModels();
      const stored = records.map((record) => this.#opened(record));
      if (JSON.stringify(stored) === JSON.stringify(this.#stored)) return;
      const { snapshot, problems } = this.#build(this.#config, stored);
      if (snapshot === undefined) {
        onFailure('the stored deployments cannot be served', problems.map(({ message }) => message).join(' '));
        return;
      }
      this.#stored = stored;
      holder.swap(snapshot);
    } catch (error) {
      onFailure('the stored deployments cannot be read', error instanceof Error ? error.message : String(error));
    }
  }

  #build(config: GatewayConfig, stored: readonly StoredDeployment[]): ReturnType<SnapshotSourceParts['prepare']> {
    const { deployments } = readStoredDeployments(stored, this.#variables());
    return this.#parts.prepare(withStoredDeployments(config, deployments));
  }

  #variables(): Environment {
    return { ...this.#parts.env, ...Object.fromEntries(this.#config.environment) };
  }

  #opened(record: ModelRecord): StoredDeployment {
    const { id, modelName: group, params, modelInfo } = record;
    return { id, group, params: { ...params, ...this.#credentialsOf(record) }, modelInfo };
  }

  /** A deployment whose credentials do not open keeps its place: it is listed, and the upstream refuses it. */
  #credentialsOf({ id, sealedCredentials }: ModelRecord): JsonObject {
    if (sealedCredentials === null) return {};
    const { sealer, onFailure } = this.#parts;
    try {
      if (sealer === undefined) throw new SealError('No salt key is set.');
      return JSON.parse(sealer.open(sealedCredentials, id)) as JsonObject;
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      onFailure(`the credentials of the stored deployment ${id} cannot be opened`, error.message);
      return { api_key: 'os.environ/WAYMARK_SALT_KEY' };
    }
  }
}
