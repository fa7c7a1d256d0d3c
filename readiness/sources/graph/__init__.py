"""The cloud half: Entra sign-in and Microsoft Graph."""
