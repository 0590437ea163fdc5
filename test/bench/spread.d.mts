export interface Spread {
  readonly median: number
  readonly low: number
  readonly high: number
}
export declare const spreadOf: (numbers: ReadonlyArray<number>) => Spread
