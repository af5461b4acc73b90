import { z } from 'zod';

/** First and last moment of a year of four digits, epoch ms: no clock shows another. */
export const firstMs = -62_167_219_200_000;
export const lastMs = 253_402_300_799_999;

const outside = 'It lies outside the years 0 to 9999.';

/** A moment that may come from anywhere, epoch ms: finite, so that no range and no wait that it begins is without an end. */
export const timeSchema = z.number().min(firstMs, outside).max(lastMs, outside);
