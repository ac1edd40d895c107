"""HubSpot's CRM: contacts, companies and products, written from the vendor's description and pages."""
