/* SPDX-License-Identifier: MIT */
/*
 * Resets the outputs of a transfer before it starts.
 */
#include <animaldetect/types.h>

#include "transport/transport.h"

void ad_transfer_begin(struct ad_transfer *transfer)
{
    transfer->slot = NULL;
    transfer->net = AD_NET_OK;
    transfer->body_status = ANIMALDETECT_OK;
    transfer->http_status = 0;
    transfer->sent = transfer->acked = 0;
    transfer->acked_ms = transfer->rtt_us = transfer->min_rtt_us = 0;
    transfer->error_text[0] = '\0';
    ad_buf_clear(&transfer->answer);
}
