/* SPDX-License-Identifier: Apache-2.0 */
/* client_signs.c -- the signs by which a provider sees how a client fares. */
#include "algo/client_signs.h"

#include <math.h>
#include <string.h>
#include <apr_strings.h>

const mesh_client_sign_t mesh_client_signs[MESH_CLIENT_SIGNS] = {
    { "tenure_months", "Client for %.0f months", "Months as client", 0, 600 },
    { "seats_change_180d", "Seats changed by %+.0f%%, in 180 days",
      "Change of seats, 180 days", -1, 10 },
    { "revenue_change_180d", "Agreements changed by %+.0f%%, in 180 days",
      "Change of agreements, 180 days", -1, 10 },
    { "tickets_per_seat_90d", "%.2f tickets a seat, last 90 days",
      "Tickets a seat, 90 days", 0, 100 },
    { "tickets_30d", "%.0f tickets, last 30 days", "Tickets, 30 days", 0,
      10000 },
    { "resolution_hours_90d", "Half of tickets solved in %.1f h, last 90 days",
      "Median hours to solve, 90 days", 0, 2000 },
    { "first_response_hours_90d",
      "Half of tickets answered in %.1f h, last 90 days",
      "Median hours to answer, 90 days", 0, 1000 },
    { "sla_missed_share_90d",
      "%.0f%% of tickets missed their target, last 90 days",
      "Share of missed targets, 90 days", 0, 1 },
    { "urgent_tickets_60d", "%.0f urgent tickets, last 60 days",
      "Urgent tickets, 60 days", 0, 1000 },
    { "reopened_share_90d", "%.0f%% of tickets came back, last 90 days",
      "Share of reopened tickets, 90 days", 0, 1 },
    { "satisfaction_90d", "Satisfaction %.1f of 10, mean of 90 days",
      "Satisfaction, mean of 90 days", 1, 10 },
    { "satisfaction_change_180d", "Satisfaction changed by %+.1f, in 180 days",
      "Change of satisfaction, 180 days", -9, 9 },
    { "days_since_review", "Last review meeting %.0f days ago",
      "Days since review meeting", 0, 2000 },
    { "invoices_late_share_180d", "%.0f%% of invoices paid late, last 180 days",
      "Share of late invoices, 180 days", 0, 1 },
    { "days_late_180d", "Invoices paid %.1f days late, last 180 days",
      "Mean days late, 180 days", 0, 365 },
    { "additions_cancelled_180d", "%.0f additions cancelled, last 180 days",
      "Cancelled additions, 180 days", 0, 100 },
    { "days_to_renewal", "Renewal in %.0f days", "Days to renewal", 0, 2000 },
    { "hours_over_included_90d",
      "Hours %+.0f%% against the included, last 90 days",
      "Hours over included, 90 days", -1, 100 },
};

const mesh_client_figure_t mesh_client_figures[MESH_CLIENT_FIGURES] = {
    { "ticket_volume", "tickets_30d", "%.0f tickets a month" },
    { "resolution_time", "resolution_hours_90d", "Solved in %.1f h" },
    { "satisfaction_score", "satisfaction_90d", "Satisfaction %.1f of 10" },
};

const mesh_client_rule_t mesh_client_rules[] = {
    { "satisfaction_90d", HUGE_VAL, 7.5, "satisfaction under 7.5",
      "Have the account owner call and ask what went wrong", 2 },
    { "urgent_tickets_60d", 1, -HUGE_VAL, "two urgent tickets in 60 days",
      "Review the urgent tickets with the client", 3 },
    { "sla_missed_share_90d", 0.10, -HUGE_VAL, "more than 10% targets missed",
      "Put one named technician on the account", 5 },
    { "days_since_review", 180, -HUGE_VAL, "no review meeting for 6 months",
      "Hold the review meeting that is due", 7 },
    { "resolution_hours_90d", 24, -HUGE_VAL, "half of tickets take over a day",
      "Clear the open tickets that are oldest", 5 },
    { "seats_change_180d", HUGE_VAL, -0.10, "seats fell by over 10%",
      "Ask about the seats that went, and right-size the agreement", 10 },
    { "invoices_late_share_180d", 0.30, -HUGE_VAL, "over 30% paid late",
      "Talk about the invoices before the next one goes out", 7 },
    { "additions_cancelled_180d", 0, -HUGE_VAL, "an addition was cancelled",
      "Find out what replaced the cancelled addition", 10 },
    { "days_to_renewal", HUGE_VAL, 60, "renewal within 60 days",
      "Send the renewal offer and agree on a date", 7 },
    { "hours_over_included_90d", 0.30, -HUGE_VAL, "over 30% beyond included",
      "Offer an agreement that fits the hours they use", 14 },
    { NULL },
};

const mesh_client_sign_t *mesh_client_signs_find(const char *name)
{
    for (int i = 0; i < MESH_CLIENT_SIGNS; i++) {
        if (!strcmp(mesh_client_signs[i].name, name)) {
            return &mesh_client_signs[i];
        }
    }
    return NULL;
}

const char *mesh_client_signs_words(const char *name, double value,
                                    apr_pool_t *p)
{
    const mesh_client_sign_t *sign = mesh_client_signs_find(name);
    const char *words = sign ? sign->words : NULL;

    for (int i = 0; i < MESH_CLIENT_FIGURES && !words; i++) {
        if (!strcmp(mesh_client_figures[i].name, name)) {
            words = mesh_client_figures[i].words;
        }
    }
    if (!words) {
        return NULL;
    }
    if (isnan(value)) {
        return apr_pstrcat(p, sign ? sign->label : name, " not known", NULL);
    }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    /* Words with a per cent sign are of a fraction. */
    return apr_psprintf(p, words, strstr(words, "%%") ? 100 * value : value);
#pragma GCC diagnostic pop
}
