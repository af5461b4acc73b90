/** First and last moment of a year of four digits, epoch ms: no clock shows another. */
export const firstMs = -62_167_219_200_000;
export const lastMs = 253_402_300_799_999;
