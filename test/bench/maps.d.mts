interface Mapping {
  readonly id: string
}
export declare const mappingOf: (n: number) => Mapping & Readonly<Record<string, unknown>>
export declare const mapOf: (size: number) => string
