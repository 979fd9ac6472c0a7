#ifndef NSPI_POSITION_PRIVATE_H
#define NSPI_POSITION_PRIVATE_H

/* Tables that STAT describes, and positions in them (MS-NSPI 3.1.1.3, 3.1.1.4). All positions are
 * exact. */

#include "nspi/nspi-private.h"

/* Orders of a table on an object-valued property, to read or to write to (MS-NSPI 2.2.10). */
enum { SORT_DISPLAY_NAME_RO = 0x3E8, SORT_DISPLAY_NAME_W = 0x3E9 };

/* An order that a container has. */
static inline bool nspi_is_table_sort(uint32_t sort_type)
{
	return sort_type == TABLE_BY_DISPLAY_NAME || sort_type == TABLE_BY_PHONETIC_NAME;
}

/* The container of STAT; NULL when it cannot be located (InvalidBookmark). */
static inline const struct container *nspi_container(const struct nspi_call *call,
                                                     const struct nspi_stat *stat)
{
	return view_container(&call->view, stat->container_id);
}

/* The table of STAT: MAPI_E_INVALID_BOOKMARK without its container, MAPI_E_CALL_FAILED for an order
 * not kept. */
uint32_t nspi_table(const struct nspi_call *call, const struct nspi_stat *stat, struct table *t);

/* Is the sort type of STAT kept at all, whatever the container? */
bool nspi_sort_kept(const struct nspi_call *call, const struct nspi_stat *stat);

/* The row that CurrentRec names; MID_CURRENT (fractional position) names one only where
 * `fractional` says so. False when there is no such row. */
bool nspi_locate(const struct table *t, const struct nspi_stat *stat, bool fractional,
                 uint32_t *row);

/* Moves by Delta, stopping before the first row and one past the last. */
uint32_t nspi_move(const struct table *t, uint32_t row, int32_t delta);

/* STAT of a position: CurrentRec, NumPos, TotalRecs, and Delta is used up. */
void nspi_set_position(const struct table *t, uint32_t row, struct nspi_stat *stat);

#endif
