/** One entry of the config's `tags:`. */
export interface DeclaredTag {
  /** A name, or a pattern with `*`. */
  readonly pattern: string;
  /** False: accounting only, whoever sends it. */
  readonly routing?: boolean;
  readonly restricted?: boolean;
}

/** `router_settings`, as far as tags and choice are concerned. */
export interface RoutingSettings {
  readonly enableTagFiltering: boolean;
  /** `tag_filtering_match_any`: true unless set to false. */
  readonly matchAny: boolean;
  /** `tag_routing_prefix`; empty: none. */
  readonly prefix: string;
  readonly authority: 'fence' | 'union';
  readonly declared: readonly DeclaredTag[];
}

/** One deployment, as far as routing is concerned. */
export interface RoutingDeployment {
  readonly id: string;
  readonly tags: readonly string[];
  /** RE2 patterns, searched in `User-Agent: <value>`. */
  readonly tagRegex: readonly string[];
  readonly private: boolean;
  readonly allowFailOpen: boolean;
  /** `model_info.enable_tag_filtering`; undefined: not set. */
  readonly enableTagFiltering?: boolean;
  readonly weight?: number;
  readonly rpm?: number;
  readonly tpm?: number;
  /** Lower is tried first; undefined is last. */
  readonly order?: number;
}

/** The deployments behind one `model_name`, in config order. */
export interface RoutingGroup {
  readonly name: string;
  readonly deployments: readonly RoutingDeployment[];
}

/** `model_group_alias`: another name for a group. */
export interface GroupAlias {
  readonly name: string;
  readonly group: string;
  /** Not listed in `/v1/models`. */
  readonly hidden: boolean;
}

/** Everything a routing table is compiled from. */
export interface RoutingConfig {
  readonly settings: RoutingSettings;
  readonly groups: readonly RoutingGroup[];
  readonly aliases: readonly GroupAlias[];
  readonly fallbacks: FallbackSettings;
  /** Names the compiled state in explanations: `config_version`. */
  readonly version: string;
}

/** Fallback chains by group name; `*` in `general` stands for every group without one of its own. */
export interface FallbackSettings {
  readonly general: ReadonlyMap<string, readonly string[]>;
  readonly contextWindow: ReadonlyMap<string, readonly string[]>;
  readonly contentPolicy: ReadonlyMap<string, readonly string[]>;
}
