/* pu_number.h - numbers as text, without the locale and the digits too many of printf.
 *
 * Threads:  pure functions. Call no Ruby API: safe without the GVL.
 * Memory:   the caller's, of the sizes given here. No NUL is written.
 */
#ifndef PU_NUMBER_H
#define PU_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What each of these writes at most, in bytes. */
#define PU_NUMBER_TEXT 24

/* pu_number_integer - In decimal. Returns the length. */
size_t pu_number_integer(char *place, int64_t number);

/* pu_number_double - The shortest text that reads back as the same number, in the form of Ruby's Float#to_s ("0.1",
 * "-12.0"). Returns its length, or 0 for a number that this does not do and Ruby has to be asked about: one that is not
 * finite, or smaller than 0.0001 or not smaller than 10^15, or has more than 10 digits after the point.
 */
size_t pu_number_double(char *place, double number);

/* pu_number_scaled - digits * 10^-scale in the form of BigDecimal#to_s("F"): no zeros at the end but one after the
 * point ("12.0", "-0.05"). scale - at most PU_NUMBER_SCALE. Returns the length.
 */
#define PU_NUMBER_SCALE 15
size_t pu_number_scaled(char *place, int64_t digits, unsigned scale);

/* pu_number_to_scaled - The integer of a number that has no more than scale digits after the point, so that number is
 * the double next to digits * 10^-scale. digits is written only when there is one below 10^15. Returns whether.
 */
bool pu_number_to_scaled(double number, unsigned scale, int64_t *digits);

/* pu_number_significant - How many digits an integer has, the zeros at its end not counted: 0 for 0. */
unsigned pu_number_significant(int64_t digits);

#endif
